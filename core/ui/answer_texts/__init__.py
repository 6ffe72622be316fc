"""The page of answer texts: the list with what waits for approval, one text with its versions, the form of a draft."""
