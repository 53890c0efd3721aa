"""Draw figures as charts that newspapers can print: what goes into one, its words, and its SVG and PNG."""
