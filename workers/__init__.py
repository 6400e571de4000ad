"""What starts by itself or by an operator: projector, scheduler, imports and the command line.

Must not know SQL, nor HTTP (but to start the web server).
"""
