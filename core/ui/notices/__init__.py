"""What a person is told of (D40): the bell of every page, and the page of all notices."""
