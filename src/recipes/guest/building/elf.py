"""ELF files: what their dynamic section says, and taking entries out of it."""

import struct

_PT_LOAD, _PT_DYNAMIC, _PT_INTERP = 1, 2, 3
_DT_NULL, _DT_NEEDED, _DT_STRTAB, _DT_SONAME, _DT_RPATH, _DT_RUNPATH = 0, 1, 5, 14, 15, 29


class ElfParsingError(Exception):
    """This is no ELF file, or a damaged one."""


class ElfHeader:
    def __init__(self, e_type, e_machine):
        self.e_type = e_type
        self.e_machine = e_machine


class ElfFile:
    """What was read of a file, under the names by which recipes know it."""

    def __init__(self):
        self.has_pt_interp = self.has_pt_dynamic = self.has_rpath = self.has_needed = self.has_soname = False
        self.is_runpath = False
        self.dt_needed_strs, self.dt_needed_strtab_offsets = [], []


def parse_elf(f, interpreter=False, dynamic_section=False, only_header=False):
    """Reads an open file. Raises ElfParsingError."""
    try:
        return _parse(f, interpreter, dynamic_section, only_header)
    except (struct.error, ValueError, IndexError) as error:
        raise ElfParsingError("a damaged ELF file: {}".format(error))


def _parse(f, interpreter, dynamic_section, only_header):
    elf = ElfFile()
    f.seek(0)
    ident = f.read(16)
    if ident[:4] != b"\x7fELF" or ident[4] not in (1, 2) or ident[5] not in (1, 2):
        raise ElfParsingError("no ELF file")
    elf.is_64_bit, elf.is_little_endian = ident[4] == 2, ident[5] == 1
    elf.byte_order = "<" if elf.is_little_endian else ">"
    form = elf.byte_order + ("HHIQQQIHHHHHH" if elf.is_64_bit else "HHIIIIIHHHHHH")
    header = struct.unpack(form, f.read(struct.calcsize(form)))
    elf.elf_hdr = ElfHeader(header[0], header[1])
    if only_header:
        return elf
    segments = _segments(f, elf, header[4], header[8], header[9])
    elf.pt_load = [(vaddr, offset) for kind, offset, vaddr, _ in segments if kind == _PT_LOAD]
    for kind, offset, _, size in segments:
        if kind == _PT_INTERP:
            elf.has_pt_interp = True
            if interpreter:
                elf.pt_interp_str = _read(f, offset, size).split(b"\0")[0]
        elif kind == _PT_DYNAMIC:
            elf.has_pt_dynamic, elf.pt_dynamic_p_offset, elf.pt_dynamic_p_filesz = True, offset, size
    if dynamic_section and elf.has_pt_dynamic:
        _parse_dynamic(f, elf)
    return elf


def _read(f, offset, size):
    f.seek(offset)
    data = f.read(size)
    if len(data) != size:
        raise ElfParsingError("the ELF file is cut off")
    return data


def _segments(f, elf, offset, size, count):
    """Kind, offset, address and size of each segment."""
    form = elf.byte_order + ("IIQQQQQQ" if elf.is_64_bit else "IIIIIIII")
    table = _read(f, offset, size * count)
    rows = [struct.unpack_from(form, table, index * size) for index in range(count)]
    places = (0, 2, 3, 5) if elf.is_64_bit else (0, 1, 2, 4)
    return [tuple(row[place] for place in places) for row in rows]


def _entries(f, elf):
    form = elf.byte_order + ("qQ" if elf.is_64_bit else "iI")
    size = struct.calcsize(form)
    data = _read(f, elf.pt_dynamic_p_offset, elf.pt_dynamic_p_filesz // size * size)
    return form, size, [struct.unpack_from(form, data, at) for at in range(0, len(data), size)]


def _parse_dynamic(f, elf):
    _, _, entries = _entries(f, elf)
    texts = {}
    for tag, value in entries:
        if tag == _DT_NULL:
            break
        if tag == _DT_NEEDED:
            elf.has_needed = True
            elf.dt_needed_strtab_offsets.append(value)
        else:
            texts[tag] = value
    if _DT_STRTAB not in texts:
        raise ElfParsingError("the dynamic section has no texts")
    elf.pt_dynamic_strtab_offset = _file_offset(elf, texts[_DT_STRTAB])
    elf.dt_needed_strs = [_text_at(f, elf, offset) for offset in elf.dt_needed_strtab_offsets]
    if _DT_SONAME in texts:
        elf.has_soname, elf.dt_soname_strtab_offset = True, texts[_DT_SONAME]
        elf.dt_soname_str = _text_at(f, elf, texts[_DT_SONAME])
    elf.is_runpath = _DT_RUNPATH in texts
    rpath = texts.get(_DT_RUNPATH, texts.get(_DT_RPATH))
    if rpath is not None:
        elf.has_rpath, elf.rpath_strtab_offset, elf.dt_rpath_str = True, rpath, _text_at(f, elf, rpath)


def _file_offset(elf, address):
    below = [(vaddr, offset) for vaddr, offset in elf.pt_load if vaddr <= address]
    if not below:
        raise ElfParsingError("an address outside of all segments")
    vaddr, offset = max(below)
    return address - vaddr + offset


def _text_at(f, elf, offset):
    f.seek(elf.pt_dynamic_strtab_offset + offset)
    text = b""
    while b"\0" not in text:
        piece = f.read(256)
        if not piece:
            raise ElfParsingError("a text has no end")
        text += piece
    return text.split(b"\0")[0]


def _delete_entries(f, elf, is_unwanted):
    """Moves the entries that stay to the front, and fills up with ends."""
    form, _, entries = _entries(f, elf)
    kept = [entry for entry in entries if not is_unwanted(*entry)]
    kept += [(_DT_NULL, 0)] * (len(entries) - len(kept))
    f.seek(elf.pt_dynamic_p_offset)
    f.write(b"".join(struct.pack(form, *entry) for entry in kept))


def delete_needed_from_elf(f, elf, needed):
    """Takes a library out of those that a file needs."""
    if needed in elf.dt_needed_strs:
        offset = elf.dt_needed_strtab_offsets[elf.dt_needed_strs.index(needed)]
        _delete_entries(f, elf, lambda tag, value: tag == _DT_NEEDED and value == offset)


def delete_rpath(path):
    """Takes the rpath out of a file, its text as well."""
    with open(path, "rb+") as f:
        elf = parse_elf(f, dynamic_section=True)
        if elf.has_rpath:
            f.seek(elf.pt_dynamic_strtab_offset + elf.rpath_strtab_offset)
            f.write(b"\0" * len(elf.dt_rpath_str))
            _delete_entries(f, elf, lambda tag, _: tag in (_DT_RPATH, _DT_RUNPATH))


def get_elf_compat(path):
    """What two files must have in common to be linked: word size, byte order and machine."""
    with open(path, "rb") as f:
        elf = parse_elf(f, only_header=True)
    return elf.is_64_bit, elf.is_little_endian, elf.elf_hdr.e_machine
