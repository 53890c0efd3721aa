"""What people would otherwise use, each as its documentation shows it: the same figures, asked the same question."""
