// Tar archives that the tests of this room make, byte by byte.
#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace figment {

/// Sets the checksum of a header of 512 bytes: the sum of its bytes, its own place counted as blanks.
inline void set_tar_checksum(std::string& archive, size_t at) {
  archive.replace(at + 148, 8, 8, ' ');
  uint64_t sum = 0;
  for (size_t i = 0; i < 512; ++i) sum += uint8_t(archive[at + i]);
  archive.replace(at + 148, 8, fmt::format("{:06o}", sum & 0777777) + std::string("\0 ", 2));
}

/// A ustar member: its header and its bytes, filled up to whole blocks. `type`: '0' a file, '5' a folder, 'x' pax
/// settings of the next one, 'L' the GNU name of the next one, '2' a symbolic link.
inline std::string tar_member(std::string_view name, std::string_view bytes, char type = '0') {
  std::string member(512, '\0');
  member.replace(0, std::min<size_t>(name.size(), 100), name.substr(0, 100));
  member.replace(100, 7, "0000644").replace(108, 7, "0000000").replace(116, 7, "0000000");
  member.replace(124, 11, fmt::format("{:011o}", bytes.size())).replace(136, 11, "00000000000");
  member[156] = type;
  member.replace(257, 8,
                 std::string("ustar\0"
                             "00",
                             8));
  set_tar_checksum(member, 0);
  member += bytes;
  member.resize((member.size() + 511) / 512 * 512);
  return member;
}

/// "17 path=some/name\n": a setting of the pax format, which begins with its own length.
inline std::string pax_setting(std::string_view name, std::string_view value) {
  const std::string rest = fmt::format(" {}={}\n", name, value);
  size_t length = rest.size() + 1;
  while (std::to_string(length).size() + rest.size() > length) ++length;
  return std::to_string(length) + rest;
}

/// The two blocks of zeros that end an archive.
inline std::string tar_end() { return std::string(1024, '\0'); }

/// An archive of files: name and bytes of each.
inline std::string tar_of(const std::vector<std::pair<std::string, std::string>>& files) {
  std::string archive;
  for (const auto& [name, bytes] : files) archive += tar_member(name, bytes);
  return archive + tar_end();
}

}  // namespace figment
