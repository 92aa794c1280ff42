"""How dates are written where Django writes them itself: one package for each language."""
