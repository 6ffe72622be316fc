"""What programs send (D41): their keys, complaints logged once however often they are sent, and what customers add."""
