"""What the figures were measured on."""
import os
import platform
import re
import subprocess
from pathlib import Path


def first_line(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.splitlines()[0].strip() if done.returncode == 0 and done.stdout else ''


def processor():
    try:
        found = re.search(r'^model name\s*:\s*(.+)$', Path('/proc/cpuinfo').read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found.group(1).strip() if found else platform.processor() or platform.machine()


def compiler(programs):
    """The compiler that the build folder of the programs was configured with."""
    try:
        cache = (Path(programs).parent / 'CMakeCache.txt').read_text()
        found = re.search(r'^CMAKE_CXX_COMPILER:\w+=(.+)$', cache, re.MULTILINE)
        return first_line([found.group(1), '--version']) if found else ''
    except OSError:
        return ''


def describe(programs, context, peak, simulators):
    return {
        'processor': processor(),
        'cores': os.cpu_count(),
        'system': f'{platform.system()} {platform.machine()}',
        'load_average': os.getloadavg()[0],
        'compiler': compiler(programs),
        'instruction_set': context.get('instruction_set', ''),
        'peak_flops_per_second': peak,
        'simulators': [{'name': simulator.name, 'version': simulator.version} for simulator in simulators],
    }
