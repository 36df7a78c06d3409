"""The practice cluster: Apptainer, SSH, Slurm and a registry on this Linux computer."""
