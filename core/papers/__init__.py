"""Files that people download: columns, rows, masks, and the formats they are written in."""
