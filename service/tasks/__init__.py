"""What is asked of people about alerts: a Task beside each that pages, acknowledged, closed, reminded of."""
