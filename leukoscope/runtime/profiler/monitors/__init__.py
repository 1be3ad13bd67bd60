"""What the machine does while it is measured: load, clocks, temperatures, power, throttling, memory."""
