"""From findings to alert Observations: judging, reconciling, episodes and phases."""
