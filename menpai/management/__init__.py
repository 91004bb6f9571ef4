"""Management: Django's commands.

commands    `audit`, `import customers`, `import addresses`, `sms`
"""
