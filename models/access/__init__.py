"""Who may do what with which resources: scopes read into permissions, permissions held against resources."""
