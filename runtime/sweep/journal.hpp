#pragma once
// Finished points of a sweep, kept as they come, so that a killed sweep goes on where it was.

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace tellegen::sweep {

/// Append-only file with a line for each finished point:
///
///     FINGERPRINT CHECKSUM RESULT
///
/// A line that a kill or a crash left torn fails its checksum and is passed over; its point is run again. Lines of other
/// benches and settings stay and do no harm, since nothing asks for their fingerprints.
class Journal {
 public:
  /// Opens it, or makes it. It is held by one process at a time.
  /// @throws InputError it is no such file, cannot be read or written, or another process holds it
  explicit Journal(const std::filesystem::path& file);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// Stores a result, one line of text, in one write.
  /// @throws InputError it cannot be written
  void add(const std::string& fingerprint, const std::string& result);

 private:
  std::filesystem::path file_;
  int descriptor_ = -1;
};

/// Results by their fingerprints.
using StoredResults = std::map<std::string, std::string, std::less<>>;

/// Journal of a rank in a folder: `points.journal`, and `points-1.journal`, .. of the other ranks.
[[nodiscard]] std::filesystem::path journal_of(const std::filesystem::path& folder, unsigned rank);

/// What all journals of a folder hold; nothing where there is none.
[[nodiscard]] StoredResults stored_results(const std::filesystem::path& folder);

/// Whether a process is writing that journal now.
[[nodiscard]] bool is_held(const std::filesystem::path& journal);

}  // namespace tellegen::sweep
