"""Every outcome of RISC-V litmus tests, by the program ``rvlitmus`` that this package carries.

>>> result = run("RISCV t\\n{ 0:x6=x; }\\n P0 ;\\n li x5,1 ;\\n sw x5,0(x6) ;\\nexists (x=1)\\n")
>>> [(machine.id, machine.observation) for machine in result.machines]
[('rvwmo', 'Always'), ('ztso', 'Always')]
"""

from ._results import Difference, Error, Machine, Result, State, to_pandas
from ._run import Option, ProgramError, program, read, run, run_files

__all__ = [
    "Difference",
    "Error",
    "Machine",
    "Option",
    "ProgramError",
    "Result",
    "State",
    "program",
    "read",
    "run",
    "run_files",
    "to_pandas",
]
