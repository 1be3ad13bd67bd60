"""Which frames become fields: one a stop of the stage, in focus, well lit, neither empty nor piled."""
