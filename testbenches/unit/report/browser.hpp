#pragma once
// A page as a browser sees it.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

namespace tellegen::tests {

/// Standard output of a command, and whether it succeeded.
inline std::pair<std::string, bool> output_of(const std::string& command) {
  std::string text;
  auto* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  char block[4096];
  for (std::size_t n; (n = std::fread(block, 1, sizeof block, pipe)) > 0;) text.append(block, n);
  return {text, pclose(pipe) == 0};
}

/// The page after its scripts have run, as a browser sees it; empty where no browser is installed.
inline std::string rendered(const std::filesystem::path& page) {
  for (const auto* browser : {"chromium", "chromium-browser", "google-chrome"}) {
    if (std::system(fmt::format("command -v {} >/dev/null 2>&1", browser).c_str()) != 0) continue;
    const auto profile = std::filesystem::temp_directory_path() / fmt::format("tellegen_report_{}", std::rand());
    const auto [document, worked] =
        output_of(fmt::format("timeout 60 {} --headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
                              "--disable-background-networking "
                              "--disable-component-update --disable-sync --user-data-dir='{}' --window-size=1200,900 "
                              "--dump-dom 'file://{}' 2>/dev/null",
                              browser, profile.string(), page.string()));
    std::filesystem::remove_all(profile);
    REQUIRE_MESSAGE(worked, browser << " did not render the page");
    return document;
  }
  return {};
}

}  // namespace tellegen::tests
