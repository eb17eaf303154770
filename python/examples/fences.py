# %% [markdown]
# # Which fence does message passing need?
#
# Cells for Jupyter, VS Code or Spyder; `python fences.py` runs them all.

# %%
import itertools

import rvlitmus

MP = """RISCV MP+{writer}+{reader}
{{ 0:x5=1; 0:x6=x; 0:x7=y; 1:x6=y; 1:x8=x; }}
 P0          | P1          ;
 sw x5,0(x6) | lw x5,0(x6) ;
 {writer:<11} | {reader:<11} ;
 sw x5,0(x7) | lw x7,0(x8) ;
exists (1:x5=1 /\\ 1:x7=0)
"""

# %% [markdown]
# Every pair of fences, under RVWMO and Ztso: is the stale read still seen?

# %%
fences = ["nop", "fence r,r", "fence w,w", "fence.tso", "fence rw,rw"]
results = {
    (writer, reader): rvlitmus.run(MP.format(writer=writer, reader=reader))
    for writer, reader in itertools.product(fences, fences)
}
for machine in ("rvwmo", "ztso"):
    enough = [pair for pair, it in results.items() if it.machine(machine).observation == "Never"]
    print(f"{machine}: {len(enough)} of {len(results)} pairs are enough")

# %% [markdown]
# Why Ztso needs none: the cycle that its rules close.

# %%
for difference in results["nop", "nop"].differences:
    print(difference.weaker, "beside", difference.stronger)
    for state, argument in zip(difference.states, difference.arguments):
        print(" ", dict(state.values), argument)

# %% [markdown]
# As a table, where pandas is there.

# %%
try:
    table = rvlitmus.to_pandas(results.values())
    print(table.pivot_table(index="machine", columns="observation", values="name", aggfunc="count"))
except ImportError:
    print("no pandas: pip install rvlitmus[pandas]")
