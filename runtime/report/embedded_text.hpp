#pragma once
// Files of the report page that the build turns into string constants (see CMakeLists.txt of this room).

#include <string_view>

namespace tellegen::report::embedded {

extern const std::string_view page_style;
extern const std::string_view page_script;
extern const std::string_view uplot_style;
extern const std::string_view uplot_script;
extern const std::string_view uplot_licence;

}  // namespace tellegen::report::embedded
