"""What the service is measured against, each as small as it can be and still do what its name says."""
