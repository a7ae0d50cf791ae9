"""The console: pages, accounts, acts; in a real browser where there is one."""
