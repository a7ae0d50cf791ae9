"""Every call to the outside fails once, or for ever; every dialogue is cut at every byte."""
