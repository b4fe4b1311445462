#include <nlohmann/json.hpp>

#include "runtime/files/atomic_file.hpp"
#include "runtime/report/render.hpp"

namespace tellegen::report {

void write_run(const RunRecord& record, const std::filesystem::path& directory) {
  write_file_atomically(directory / "result.json", json_text(to_json(record)) + "\n", MissingFolders::create);
  write_file_atomically(directory / "junit.xml", render_junit(record));
  write_file_atomically(directory / "report.html", render_html(record));
}

}  // namespace tellegen::report
