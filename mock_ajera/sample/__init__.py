"""Sample firms: the one that comes with the package, and firms of one's own from files of the same form."""
