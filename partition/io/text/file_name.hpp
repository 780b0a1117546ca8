#pragma once
// What a file's name says, behind .gz and .zst.

#include <string_view>

namespace gasket::text {

inline std::string_view without_compression(std::string_view path) {
  for (const std::string_view suffix : {std::string_view(".zst"), std::string_view(".gz")})
    if (path.ends_with(suffix)) return path.substr(0, path.size() - suffix.size());
  return path;
}

}  // namespace gasket::text
