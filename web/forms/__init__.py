"""Forms made from the schemas of the API: what a form sends becomes the body that a program would send.

Must not know what a command does.
"""
