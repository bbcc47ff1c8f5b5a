"""A synthetic ward to try the service with: nobody in it exists, and every resource is tagged so."""
