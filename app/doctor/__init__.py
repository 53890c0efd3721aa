"""What is wrong with an installation, or soon will be, each with what to do: `misconduct doctor`."""
