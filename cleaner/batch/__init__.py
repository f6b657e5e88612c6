"""Many documents: files, tables and archives in, the same out, with a log beside them, by any number of workers."""
