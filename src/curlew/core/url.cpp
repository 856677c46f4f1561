#include "curlew/core/url.hpp"
