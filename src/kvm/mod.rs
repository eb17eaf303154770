//! A model of Linux KVM's ONE_REG interface: which extensions each vCPU has.
