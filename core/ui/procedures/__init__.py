"""The page of procedures: read as a page, drawn as a flow, changed by looking first, begun from another one (D9)."""
