"""Figures → specification → picture. Only publishing draws: nothing that serves imports this package."""
