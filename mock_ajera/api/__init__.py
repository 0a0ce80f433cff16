"""What Ajera says: the vendor's surface."""
