// The run for TensorBoard: scalars, previews and warnings against images seen.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string_view>

#include "figment/contracts/event.h"
#include "figment/records/append_file.h"

namespace figment {

class TensorBoardFile final : public EventSink {
 public:
  /// Creates `events.out.tfevents.<time>.<process>.figment` in the run folder: a new file per start. `images`: where
  /// this start begins; TensorBoard then drops what an earlier file holds beyond it. Throws FileError.
  explicit TensorBoardFile(std::filesystem::path run_folder, int64_t images = 0);

  /// Scalars, rates of progress, PNG files of image events (read from the run folder; one that cannot be read is left
  /// out) and warnings as text. Throws FileError on a full disk.
  void take(const Event&) override;

 private:
  void write(std::string_view event);
  std::filesystem::path folder_;
  AppendFile file_;
};

/// CRC-32C (Castagnoli), reflected polynomial 0x82F63B78, as in RFC 3720 B.4.
uint32_t crc32c(std::string_view bytes);

}  // namespace figment
