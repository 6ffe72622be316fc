"""The only package that knows Streamlit: frame, pickers, tables, cards, messages."""
