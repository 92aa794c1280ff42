"""What staff pages share: labels, the sealed filing, the way back to the queue."""
