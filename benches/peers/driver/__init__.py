"""What benches/peers/run consists of: servers and clients, what is measured, where it is written."""
