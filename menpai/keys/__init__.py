"""Keys: the file that holds them, the ring a process uses, their rotation and the command.

file        the keys file: read, create, rotate, remove
ring        the keys in use: keyed hashes, sealing, secrets by kind
signatures  Ed25519 keys, and their public halves as a key set
rotation    former keys, and what still needs each of them
cli         `menpai keys`
"""
