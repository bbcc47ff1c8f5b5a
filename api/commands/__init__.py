"""What `clonidine-watch` can do, one command a module."""
