"""What the compendium draws: a house style and functions that return finished figures."""
