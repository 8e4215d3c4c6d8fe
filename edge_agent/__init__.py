"""The program in the shop: it reads scanners, keeps every read on disk and hands it to the backend.

It decodes nothing and knows no products; it promises that an accepted read is delivered.
"""
