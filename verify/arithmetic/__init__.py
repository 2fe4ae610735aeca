"""Number systems that expressions are evaluated in, one file each."""
