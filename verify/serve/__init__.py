"""``gradproof serve``: a page and a JSON API on one's own machine.

Requests are answered by worker processes with limits on time and memory: no input can hang or
kill the server. The server itself reads no mathematics.
"""
