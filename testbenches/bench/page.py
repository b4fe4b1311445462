def html(record):
    return ''
