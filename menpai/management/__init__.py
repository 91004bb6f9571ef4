"""Management: Django's commands.

commands    `audit`, `import customers`, `sms`
"""
