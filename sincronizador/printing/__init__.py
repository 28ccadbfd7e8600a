"""Floor 2: tickets on printers, pages in files, and pictures of both."""
