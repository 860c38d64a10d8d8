// Tar archives (ustar, pax and GNU names), member by member. They may come from anywhere: a member's name is never used
// as a path, and nothing is unpacked to the disk.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace figment {

/// A member that is no folder.
struct TarMember {
  std::string name = {};
  int64_t offset = 0, size = 0;  ///< where its bytes begin in the archive, and how many they are
  bool is_file = true;           ///< its bytes lie there in one piece: false of links, devices and files with holes
};

/// Hands out the next bytes of the archive, up to `count`; 0 at the end alone.
using NextBytes = std::function<size_t(char* to, size_t count)>;

/// Calls `use` for each member in order. `content` reads the member's bytes, at most once, within the call. Reads
/// `next` to its end. Throws DataError where the archive is none, or is damaged or truncated: what was used until then
/// is right. `where` begins the sentence.
void each_tar_member(const NextBytes& next, std::string_view where,
                     const std::function<void(const TarMember&, const std::function<std::string()>& content)>& use);

}  // namespace figment
