"""HTTP routes beside the pages: session, set-up, exports, evidence, health."""
